"""TODO loadgate/render/rules."""
