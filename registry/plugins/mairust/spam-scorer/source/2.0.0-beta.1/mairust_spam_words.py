"""Which words stand in spam and which in wanted mail: learnt from messages that people sorted.

In: texts. Out: points between -3 and 3. Keeps counts of words in one file; never keeps a message.
"""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path

_WORD = re.compile(r"[^\W\d_]{3,20}")
_MOST_WORDS = 200
_LIMIT = 3.0
_KINDS = ("spam", "wanted")


class WordMemory:
    """Naive Bayes over words; `file` need not exist yet."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._messages = dict.fromkeys(_KINDS, 0)
        self._words: dict[str, dict[str, int]] = {kind: {} for kind in _KINDS}
        if file.exists():
            kept = json.loads(file.read_text(encoding="utf-8"))
            self._messages.update(kept["messages"])
            self._words.update(kept["words"])

    def learn(self, text: str, *, spam: bool) -> None:
        """Remember the words of `text` as those of spam or of wanted mail."""
        kind = "spam" if spam else "wanted"
        self._messages[kind] += 1
        counts = self._words[kind]
        for word in words_of(text):
            counts[word] = counts.get(word, 0) + 1
        self._write()

    def points(self, text: str) -> float:
        """Return points for `text`: above 0 it resembles spam, below 0 wanted mail, 0 when too little is known."""
        if min(self._messages.values()) == 0:
            return 0.0
        odds = sum(self._log_odds(word) for word in words_of(text))
        return round(max(-_LIMIT, min(_LIMIT, odds / 2)), 1)

    def _log_odds(self, word: str) -> float:
        # One message more on each side, so that a word seen on one side only does not decide alone.
        spam = (self._words["spam"].get(word, 0) + 1) / (self._messages["spam"] + 2)
        wanted = (self._words["wanted"].get(word, 0) + 1) / (self._messages["wanted"] + 2)
        if word not in self._words["spam"] and word not in self._words["wanted"]:
            return 0.0
        return math.log(spam / wanted)

    def _write(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps({"messages": self._messages, "words": self._words}), encoding="utf-8")
        os.replace(beside, self._file)


def words_of(text: str) -> tuple[str, ...]:
    """Return the different words of `text`, at most 200, in alphabetical order."""
    return tuple(sorted({word.lower() for word in _WORD.findall(text)})[:_MOST_WORDS])
