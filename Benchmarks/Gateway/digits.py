"""Figures as a person writes them."""

import math


def number(value):
    """Three digits of it, without exponent and empty decimals."""
    if value >= 100:
        digits = max(0, int(math.log10(value)) - 2)
        return f"{round(value, -digits):,.0f}"
    if value < 1:
        return f"{value:.3g}"
    return (f"{value:.1f}" if value >= 10 else f"{value:.2f}").rstrip("0").rstrip(".")
