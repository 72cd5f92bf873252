"""How an agent answers: a model behind an OpenAI-compatible API, the operator's own agent over
HTTP, or the built-in demo."""
