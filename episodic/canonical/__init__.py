"""The canonical episode: pipeline, resolution, document and storage.

Read it from `ingestion_service` down. What is here, from the top:

- **Services** do what a user asks for: `ingestion_service`, `editing_service`, `removal_service`, `pruning`,
  `verification`. Three of them have a revision made in `composition`.
- **Adapters** do what services ask for through `ports`, one room each: `normalizers` read sources,
  `weighting` says what each counts for, `resolution` makes one document of them, `tei` writes and reads it,
  `storage` keeps it.
- **Value objects**, in the order in which data flows: `sources`, `document`, `resolved`, and what is kept:
  `domain`, `jobs`, `queue`.
- **Shared ground**, which knows none of the above. Of words: the room `text`; `hands`. Of an editor's
  decisions: the room `editing`. Of runs: `gathering`, `heartbeat`, `limits`, `exhaustion`, `errors`. Of what
  is kept: `contents`, `finding`.
"""
