"""Worker processes, in which documents are read that could harm the application, or take it over.

`pool` lends them out; `process` is one of them as the application sees it, `worker` what runs in there;
`messages` go between the two. `sandbox` says what a worker can do beside answering, `seccomp` by which calls.
"""
