"""TODO loadgate/render/verdict."""
