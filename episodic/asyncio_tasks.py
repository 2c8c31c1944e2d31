"""Task metadata: a name, an operation, a correlation id and a priority hint for asyncio tasks."""
