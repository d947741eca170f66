"""The hatching that stands for what is not shown."""


def hatch(name: str) -> str:
    """A pattern of the drawing's own: one inside a hidden drawing is not painted for another."""
    return (
        f'<defs><pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path class="g-hatch" d="M0 0v6"/></pattern></defs>'
    )
