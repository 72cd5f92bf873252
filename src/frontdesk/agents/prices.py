"""An operator's own prices of single models, in a column of the agent."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, TypedDict

MAX_MODELS = 100
MAX_MODEL_NAME = 200


class StoredPrice(TypedDict):
    """Decimals as text; None: not set."""

    model: str
    input: str | None
    cached: str | None
    output: str | None


class ModelPrice(NamedTuple):
    """The prices of the models with this name, in dollars per million tokens."""

    model: str
    input: Decimal | None
    cached: Decimal | None
    output: Decimal | None

    def stored(self) -> StoredPrice:
        texts = [None if each is None else str(each) for each in self[1:]]
        return {"model": self.model, "input": texts[0], "cached": texts[1], "output": texts[2]}


def read_prices(stored: Sequence[StoredPrice]) -> list[ModelPrice]:
    return [
        ModelPrice(
            row["model"],
            *(
                None if text is None else Decimal(text)
                for text in (row["input"], row["cached"], row["output"])
            ),
        )
        for row in stored
    ]
