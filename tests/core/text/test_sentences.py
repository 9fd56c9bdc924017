"""Where sentences end, in many languages and scripts (contract, 3)."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from lmnt_cli.core.text.flush_rules import ends_in
from lmnt_cli.core.text.sentences import Sentences
from tests.tools.each import each
from tests.tools.limits import cpu_limit
from tests.tools.strategies import cut, places, properties, texts


def split(pieces: list[str], language: str | None = None) -> list[str]:
    """Return the sentences of text in these pieces; `|` never appears in them."""
    rule = Sentences(language)
    ends: list[int] = []
    offset = 0
    for piece in pieces:
        ends += [offset + end for end in ends_in(rule, piece)]
        offset += len(piece)
    text = "".join(pieces)
    begins = [0, *ends]
    return [text[begin:end] for begin, end in zip(begins, [*ends, len(text)], strict=True) if begin < end]


# Each case is marked where a sentence ends, and prefixed with its language and a colon if that is known.
CASES = [
    # A terminal, closing quotes or brackets, white space.
    "One. |Two.",
    "One! |Two? |Three… |Four.",
    "One.\n|Two.",
    "One.\u00a0|Two.",
    "Really?! |Yes.",
    "¿Qué? |¡No! |Sí",
    "Vraiment ? |Oui ! |Bon",
    '"One." |Two.',
    "(One.) |Two.",
    "“One.” |Two.",
    "«One.» |Two.",
    "He said 'no.' |Then",
    "[See above.] |Then",
    "He did (I saw it!). |Then",
    "One.Two.",
    "One.",
    "one, two; three: four",
    # Quotation marks that close in one language and open in another.
    "„Ja.“ |Er",
    "»Nein.« |Sie",
    "‹Gut.› |Er",
    "›Gut.‹ |Er",
    "„Er sagte: ‚Ja.‘“ |Dann",
    "”Nej.” |Hon",
    # Marks separated from the words belong to the sentence that they close.
    "« Oui. » |Il",
    "« Oui ! » |Il",
    "«\u202fOui.\u202f» |Il",
    "« Oui. |Non. » |Il",
    "Il vint. |« Oui. » |Puis",
    "‹ Oui. › |Il",
    "Il dit « oui » et partit. |Puis",
    # What may appear between the terminal and the white space.
    "`One.` |Two.",
    "**One.** |Two.",
    "_One._ |~~Two.~~ |Three",
    "One.[1] |Two.",
    "One.[^note] |Two.",
    'One."[2][3] |Two.',
    "One.¹ |Two.† |Three.",
    "One.😀 |Two!👍🏽 |Three.🇩🇪 |Four",
    "One. |😀 Two",
    "an array[1] is",
    # Not inside abbreviations.
    "Dr. No met Mr. and Mrs. Smith. |They",
    "J. R. R. Tolkien wrote. |He",
    "e.g. this, i.e. that, etc. and so on. |Next",
    "at 5 p.m. sharp. |Next",
    "Prof. Dr. med. |X",
    "U.S. troops",
    "Lt. Col. Smith of Acme Inc. in Washington",
    "vgl. z. B. Abb. 3 bzw. S. 5. |Dann",
    "Hr. Müller, Dipl.-Ing. Maier u. a. m.",
    "Sr. García y Sra. López, p.ej. aquí",
    "M. Dupont, av. J.-C., cf. p. ex. ici",
    "dott. Rossi e il sig. Bianchi",
    "проф. Иванов, ул. Ленина, т. е. там",
    "“Dr. No”, (Mr. Yes",
    # Abbreviations that are also words: the text after them decides, unless the language does.
    "No. 5 is here, and no. 6. |Then",
    "No. |I said no. |Then",
    "That is the end. |Then we set. |He",
    "C'est la vie. |Il",
    "in fig. 2 and art. 5 as in vol. iv",
    "Louis XIV. war König. |Louis XIV. |Er",
    "No.\n|5",
    "de: Er kam ca. am. Ende",
    "en: It is so. |I am. |He",
    "es: en may. Luego",
    # Not inside decimals.
    "Pi is 3.14 or so. |Next",
    "version 1.2.3 is out. |Next",
    # Not after an ordinal, in languages in which a full stop makes one.
    "Am 3. Oktober 2024. |Dann",
    "im 19. Jahrhundert, der 2. Mann",
    "de: Am 24. Dezember",
    "en: He is 42. |Then",
    "en-US: He is 42. |Then",
    "He is 42.\n|Then",
    "It was 1999. |Then",
    # Not inside ellipses.
    "Wait... what? |Yes.",
    "So . . . what? |Yes.",
    "Well.... no. |Next",
    "Что?.. |Да",
    # Numbers of a list stay with their item; a number at the end of a sentence ends it.
    "1. First item\n2. Second item",
    "  12. Item\n\t3. Item",
    # Many scripts.
    "यह है। |वह है॥ |अब",
    "یہ ہے۔ |کیا؟ |جی",
    "ما هذا؟ |نعم",
    "Բարև։ |Այո",
    "ሰላም። |አዎ",
    "el: Τι; |Ναι",
    "Τι\u037e Ναι. |Όχι",
    "နေကောင်းလား။|ကောင်း",
    "សួស្តី។|បាទ",
    # East Asian: the terminal and its closing quotes, at once.
    "你好。|世界！|好吗？|",
    "「你好。」|他说",
    "『你好！』|他说",
    "他说：「你好。再见。」|他走了。|",
    "『甲「乙。」丙。』|丁",
    "｢ﾊｲ｡｣|ﾃﾞｽ｡|",
    "３．１４です。|",
    "好．|再见．|",
    "第３．|次",
    "「甲。\n乙。|",
]


def case(text: str) -> tuple[str, str | None]:
    """Return the case, and its language if it has a prefix."""
    language, colon, rest = text.partition(": ")
    known = bool(colon) and (language in ("de", "en", "es", "el", "en-US"))
    return (rest, language) if known else (text, None)


@each("marked", CASES)
@each("way", ["whole", "byte by byte", "with a tail"])
def test_case(marked: str, way: str) -> None:
    """Each case is cut in the same places whole, character by character, and with text after it."""
    marked, language = case(marked)
    text, tail = marked.replace("|", ""), "" if way == "whole" else "x"
    pieces = list(text + tail) if way == "byte by byte" else [text + tail]
    expected = [part for part in (marked + tail).split("|") if part]

    assert split(pieces, language) == expected


def test_an_end_falls_as_soon_as_the_white_space_has_come() -> None:
    """An end does not wait for the next sentence, unless only that can decide whether it is one."""
    assert list(ends_in(Sentences(), "One. ")) == [5]
    assert list(ends_in(Sentences(), "No. ")) == []
    assert list(ends_in(Sentences(), "No.\n")) == [4]

    rule = Sentences()
    assert list(ends_in(rule, "I said no. ")) == []
    assert list(ends_in(rule, " ")) == []
    assert list(ends_in(rule, "Then")) == [0]


@properties
@given(texts, places, st.sampled_from([None, "en", "de", "fr", "el"]))
@example("« Oui. »", [7], None)
@example("「甲。」」乙」。", [4], None)
def test_reads_do_not_matter(text: str, where: list[int], language: str | None) -> None:
    """The rule depends on the text, never on where a read ended."""
    text = text.replace("|", "")

    assert split(cut(text, where), language) == split([text], language)


@each(
    "hard",
    [
        ".",
        "。",
        "“",
        "」",
        " ",
        "\n ",
        '."',
        "a.",
        "1.",
        ". ",
        "a. ",
        "No. ",
        "1. ",
        "« ",
        "[1] ",
        ".[1",
        "．1",
        "😀 ",
    ],
)
def test_hard_text_is_quick(hard: str) -> None:
    """The time grows with the length, not its square, even if every character could be part of an end."""
    with cpu_limit(1):
        assert len(list(ends_in(Sentences(), hard * 6_000))) <= 12_000
