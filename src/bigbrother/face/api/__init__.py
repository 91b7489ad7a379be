"""The HTTP interface of the face analyzer: one file a resource."""
