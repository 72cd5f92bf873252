"""Readable, stable labels for people without a name."""

import uuid

_COLORS = (
    "Amber Azure Blue Bronze Cherry Copper Coral Crimson Emerald Golden Green Indigo Ivory Jade"
    " Lilac Lime Maroon Mint Navy Ochre Olive Orange Pearl Plum Purple Red Rose Ruby Silver Teal"
    " Violet White"
).split()
_ANIMALS = (
    "Badger Bear Beaver Bison Crane Deer Dolphin Eagle Falcon Finch Fox Gecko Hare Hawk Heron Ibex"
    " Jay Koala Lark Lemur Lynx Marten Mole Moose Newt Otter Owl Panda Puffin Quail Raven Robin"
    " Seal Shark Sparrow Stork Swan Swift Tapir Tiger Toad Trout Turtle Viper Walrus Weasel Whale"
    " Wolf Wren Yak"
).split()


def stable_label(user_id: uuid.UUID) -> str:
    """A name such as "Amber Heron 4821": the same for the same id, and not meant to be unique."""
    number = user_id.int
    color = _COLORS[number % len(_COLORS)]
    animal = _ANIMALS[(number >> 8) % len(_ANIMALS)]
    return f"{color} {animal} {(number >> 16) % 10000:04d}"
