"""Addresses of pages that another app or the host may bring, or not."""

from django.urls import NoReverseMatch, reverse


def address(name: str, *args: object) -> str:
    """The address of the page `name`, "" where this site has none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
