"""Evaluates arithmetic such as 2 + 3 * (4 - 1) without eval()."""

import ast
import operator
from collections.abc import Callable
from decimal import Decimal, DecimalException, localcontext

_LONGEST = 100
_DIGITS = 20

_OPERATIONS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}


class ExpressionError(ValueError):
    """The text is not arithmetic, or has no result."""


def evaluate(text: str) -> Decimal:
    """The result, to 20 digits. Raises ExpressionError."""
    tidy = text.strip().translate({ord("×"): "*", ord("·"): "*", ord("÷"): "/", ord("−"): "-"})
    if len(tidy) > _LONGEST:
        raise ExpressionError("too long")
    try:
        tree = ast.parse(tidy, mode="eval")
        with localcontext(prec=_DIGITS):
            return +_value(tree.body)
    except (SyntaxError, ValueError, DecimalException, RecursionError, MemoryError):
        raise ExpressionError("not arithmetic") from None


def _value(node: ast.expr) -> Decimal:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return Decimal(str(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_value(left), _value(right))
    raise ExpressionError("not arithmetic")
