"""The texts that are measured."""

TEXTS = {
    "harbour": """
        Grey gulls turn over the harbour while the ferry waits for the tide,
        and the crane swings its last crate ashore.
    """,
    "kitchen": """
        The kettle sings, the bread rises under a cloth,
        and somebody has left the cellar door open again.
    """,
    "orchard": """
        Wasps have found the windfalls. Ladders lean against every second tree,
        baskets stand in the grass, and the children have vanished.
    """,
}
