"""Dictionaries of datasets, as the library of Croissant reads them."""

import mlcroissant
import pyarrow.parquet as pq
from test_reading import SPEC, conviction, sweep


def test_croissant_is_valid_and_leads_to_the_rows(tmp_path):
    data = sweep(tmp_path, SPEC)
    conviction("describe", data, "--format", "croissant", "--out", data / "croissant.json", cwd=tmp_path)
    conviction("describe", data, "--out", data / "README.md", cwd=tmp_path)
    conviction("verify", data, cwd=tmp_path)
    dataset = mlcroissant.Dataset(data / "croissant.json")
    assert not dataset.metadata.issues.errors
    tables = {record_set.name: record_set for record_set in dataset.metadata.record_sets}
    assert list(tables) == ["points", "runs", "days", "proposals"]
    for name, table in tables.items():
        file = data / "points.parquet" if name == "points" else data / name / "part-000000.parquet"
        assert [field.name for field in table.fields] == pq.read_schema(file).names
        assert all(field.description for field in table.fields), name
    points = pq.read_table(data / "points.parquet").to_pylist()
    records = list(dataset.records("points"))
    assert len(records) == len(points) == 16
    assert [record["points/beta"] for record in records] == [point["beta"] for point in points]
    runs = list(dataset.records("runs"))
    assert len(runs) == 16 * 40
    assert sorted(record["runs/run"] for record in runs) == list(range(16 * 40))
