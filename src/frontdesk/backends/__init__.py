"""How an agent answers: a model behind an OpenAI-compatible API, an agent of the operator's own
by HTTP, or the built-in demo."""
