"""What an operator said of a shift at the sign-out, in words: the fixed ones are those of the terminal's screens."""

from ..basics.words import Lang
from ..cup.values.shift import OWN, read_notes, write_notes
from ..terminal.flow.words.catalogue import all_words, has_words


def note_in_words(note: str, lang: Lang) -> str:
    """What an operator said of a shift. Our terminals send fixed words of their screens, or a line of the operator's own.

    Other text stays.

    >>> note_in_words("well:smooth,not:printer", "en")
    'What went well? All went smoothly · What went badly? Printer'
    >>> note_in_words("well:=kind guests,not:printer", "en")
    'What went well? "kind guests" · What went badly? Printer'
    >>> note_in_words("the printer: again", "en")
    'the printer: again'
    """
    notes = read_notes(note)
    answers = (("well", notes.well), ("not", notes.not_well))
    said = [(asked, answer) for asked, answer in answers if answer]
    are_known = all(answer.startswith(OWN) or has_words(f"notes.{asked}.{answer}") for asked, answer in said)
    if not said or write_notes(notes) != note or not are_known:
        return note
    table, around = all_words(), "“{}”" if lang == "zh" else '"{}"'
    return " · ".join(
        f"{table[f'notes.{asked}'].of(lang)} "
        + (around.format(answer[len(OWN) :]) if answer.startswith(OWN) else table[f"notes.{asked}.{answer}"].of(lang))
        for asked, answer in said
    )
