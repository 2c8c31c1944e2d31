"""Benchmarks: each module measures one thing and returns `Section`s; `make bench` writes them down."""
