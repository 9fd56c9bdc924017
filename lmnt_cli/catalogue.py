"""The languages and voices that LMNT's documentation names. A service may know more."""

from __future__ import annotations


# docs.lmnt.com, "Languages": the codes of the speech session's `language`, beside `auto`.
LANGUAGES = {
    "ar": "arabic", "as": "assamese", "bn": "bengali", "cs": "czech", "da": "danish", "de": "german",
    "en": "english", "es": "spanish", "fi": "finnish", "fr": "french", "hi": "hindi", "id": "indonesian",
    "it": "italian", "ja": "japanese", "ko": "korean", "ml": "malayalam", "mr": "marathi", "nl": "dutch",
    "pl": "polish", "pt": "portuguese", "ru": "russian", "sk": "slovak", "sv": "swedish", "ta": "tamil",
    "te": "telugu", "th": "thai", "tr": "turkish", "uk": "ukrainian", "ur": "urdu", "vi": "vietnamese",
    "zh": "chinese",
}  # fmt: skip

# The system voices of docs.lmnt.com.
VOICES = ("amy", "ansel", "ava", "curtis", "elowen", "leah", "lily", "mara-wilson", "morgan")
