"""The command group `bigbrother face`: a file a command."""

import typer

from bigbrother.entrypoints.cli.face.analyze import analyze
from bigbrother.entrypoints.cli.face.enrol import enrol
from bigbrother.entrypoints.cli.face.enrol_many import enrol_many
from bigbrother.entrypoints.cli.face.export import export
from bigbrother.entrypoints.cli.face.forget import forget
from bigbrother.entrypoints.cli.face.identify import identify
from bigbrother.entrypoints.cli.face.listing import list_gallery
from bigbrother.entrypoints.cli.face.verify import verify
from bigbrother.entrypoints.cli.output import examples

app = typer.Typer(help="Find, compare and recognise faces.", no_args_is_help=True)

app.command(
    "analyze",
    epilog=examples(
        "bigbrother face analyze photo.jpg",
        "bigbrother face analyze photo.jpg --draw found.jpg",
        "bigbrother face analyze photo.jpg other.jpg --min-size 40 -o json",
        "cat photo.jpg | bigbrother face analyze - --max-faces 1 --embeddings -o json",
    ),
)(analyze)
app.command(
    "verify",
    epilog=examples(
        "bigbrother face verify photo.jpg other.jpg",
        "bigbrother face verify photo.jpg other.jpg --exit-code && echo 'the same person'",
    ),
)(verify)
app.command(
    "enrol",
    epilog=examples(
        "bigbrother face enrol staff ana photo.jpg --name 'Ana Souza' --purpose 'front door' "
        "--reference 'form 17' --create-collection",
        "bigbrother face enrol staff rui other.jpg --prominent --basis contract "
        "--purpose 'front door' --reference 'contract 4' --expires 2099-12-31 "
        '--metadata \'{"team": "night"}\'',
    ),
)(enrol)
app.command(
    "enrol-many",
    epilog=examples(
        "bigbrother face enrol-many people/ --collection staff --purpose 'front door' "
        "--reference 'forms of 2027' --create-collection --report people-report.csv",
        "bigbrother face enrol-many people.csv --collection staff --purpose 'front door' "
        "--skip-invalid --retry-refused --prominent -o json",
    ),
)(enrol_many)
app.command(
    "identify",
    epilog=examples(
        "bigbrother face identify staff photo.jpg",
        "bigbrother face identify staff photo.jpg --limit 3 --draw found.jpg",
        "cat photo.jpg | bigbrother face identify staff - -o json",
    ),
)(identify)
app.command(
    "list",
    epilog=examples(
        "bigbrother face list",
        "bigbrother face list staff",
        "bigbrother face list staff ana -o json",
    ),
)(list_gallery)
app.command(
    "export",
    epilog=examples("bigbrother face export staff ana --save ana.zip --purpose 'asked by Ana'"),
)(export)
app.command(
    "forget",
    epilog=examples("bigbrother face forget staff ana --yes"),
)(forget)
