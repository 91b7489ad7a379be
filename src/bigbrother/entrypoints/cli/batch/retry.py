"""`bigbrother batch retry`: tries failed images again."""

from bigbrother.entrypoints.cli.batch.arguments import BatchArgument, found
from bigbrother.entrypoints.cli.batch.shown import print_batch
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption


@explains_errors
def retry(
    batch_id: BatchArgument,
    *,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Has the failed images of a batch tried again, and only those."""
    with connected(url, token_file) as client:
        batch = client.batches.retry(found(client, batch_id).id)
    print_batch(batch, output)
