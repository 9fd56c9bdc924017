"""The smallest Typer program, for comparison."""

from __future__ import annotations

from typing import Annotated

import typer


def main(name: Annotated[str, typer.Option(help="A name")] = "") -> None:
    print(name)


if __name__ == "__main__":
    typer.run(main)
