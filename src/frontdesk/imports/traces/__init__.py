"""Traces of programs that record what models were asked: Langfuse and LangSmith."""
