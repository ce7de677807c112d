"""Pictures of a history and of a schema: terminal text, Mermaid, SVG and HTML."""
