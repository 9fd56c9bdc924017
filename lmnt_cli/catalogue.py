"""The languages and voices that LMNT's documentation names. A service may know more."""

from __future__ import annotations

from difflib import get_close_matches


# docs.lmnt.com, "Languages": the codes of the speech session's `language`, beside `auto`; their English names
# and what their speakers call them.
LANGUAGES = {
    "ar": ("arabic", "العربية"), "as": ("assamese", "অসমীয়া"), "bn": ("bengali", "বাংলা"),
    "cs": ("czech", "čeština"), "da": ("danish", "dansk"), "de": ("german", "deutsch"),
    "en": ("english",), "es": ("spanish", "español"), "fi": ("finnish", "suomi"),
    "fr": ("french", "français"), "hi": ("hindi", "हिन्दी"), "id": ("indonesian", "bahasa"),
    "it": ("italian", "italiano"), "ja": ("japanese", "日本語"), "ko": ("korean", "한국어"),
    "ml": ("malayalam", "മലയാളം"), "mr": ("marathi", "मराठी"), "nl": ("dutch", "nederlands"),
    "pl": ("polish", "polski"), "pt": ("portuguese", "português"), "ru": ("russian", "русский"),
    "sk": ("slovak", "slovenčina"), "sv": ("swedish", "svenska"), "ta": ("tamil", "தமிழ்"),
    "te": ("telugu", "తెలుగు"), "th": ("thai", "ไทย"), "tr": ("turkish", "türkçe"),
    "uk": ("ukrainian", "українська"), "ur": ("urdu", "اردو"), "vi": ("vietnamese", "tiếng việt"),
    "zh": ("chinese", "中文"),
}  # fmt: skip

# The system voices of docs.lmnt.com.
VOICES = ("amy", "ansel", "ava", "curtis", "elowen", "leah", "lily", "mara-wilson", "morgan")


def code_of_language(name: str) -> str | None:
    """Return the code that a name (`english`, `deutsch`) or a locale (`en-US`) nearly says, if any."""
    lowered = name.casefold()
    if (code := lowered.replace("_", "-").partition("-")[0]) in LANGUAGES:
        return code
    codes = {each: code for code, names in LANGUAGES.items() for each in names}
    near = get_close_matches(lowered, codes, n=1, cutoff=0.7)
    return codes[near[0]] if near else None
