"""`bigbrother batch cancel`: ends a batch before it is done."""

from bigbrother.entrypoints.cli.batch.arguments import BatchArgument, found
from bigbrother.entrypoints.cli.batch.shown import print_batch
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption


@explains_errors
def cancel(
    batch_id: BatchArgument,
    *,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Ends a batch: what no worker has begun is left undone; results so far stay."""
    with connected(url, token_file) as client:
        batch = client.batches.cancel(found(client, batch_id).id)
    print_batch(batch, output)
