"""The people the service knows: collections, subjects, faces, embeddings, search, integrity."""
