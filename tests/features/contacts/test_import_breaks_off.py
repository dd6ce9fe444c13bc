"""When the database or the disk gives out, whole batches stand, nothing is half done, and the same import again completes it."""

import threading
from pathlib import Path

import psycopg
import pytest

from features.contacts.tables import workspace
from segue.domain.errors import Unavailable
from segue.features.contacts.import_csv import BATCH, import_csv

ROWS = BATCH * 2 + 10


@pytest.fixture
def acme(db_urls, tmp_path):
    with workspace(db_urls.app_url, tmp_path) as made:
        yield made


@pytest.fixture
def path(acme):
    return acme.write("email,note\n" + "".join(f"p{n}@x.example,{n}\n" for n in range(ROWS)))


def completed(acme, path):
    report = import_csv(acme.db, acme.id, path)
    done = report.progress
    assert done.created + done.unchanged == ROWS
    assert acme.count() == ROWS
    return done


def test_a_full_disk_leaves_whole_batches_and_the_next_run_completes_them(acme, path, db_urls):
    with psycopg.connect(db_urls.owner_url, autocommit=True) as owner:
        owner.execute("""CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
                         $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$""")
        owner.execute(f"""CREATE TRIGGER full_disk BEFORE INSERT ON contacts FOR EACH ROW
                          WHEN (NEW.email = 'p{BATCH + 5}@x.example') EXECUTE FUNCTION full_disk()""")
        with pytest.raises(Unavailable, match="after 10,000 contacts: could not extend file") as broken:
            import_csv(acme.db, acme.id, path)
        assert "again" in broken.value.hint
        assert acme.count() == BATCH
        owner.execute("DROP TRIGGER full_disk ON contacts")
    done = completed(acme, path)
    assert (done.created, done.unchanged) == (ROWS - BATCH, BATCH)


def test_a_lost_connection_leaves_whole_batches_and_the_next_run_completes_them(acme, path, cluster):
    def cut(progress):
        if progress.rows == BATCH:
            with psycopg.connect(cluster.admin_url, autocommit=True) as admin:
                name = psycopg.conninfo.conninfo_to_dict(acme.db.app_url)["dbname"]
                admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

    with pytest.raises(Unavailable, match="after 10,000 contacts"):
        import_csv(acme.db, acme.id, path, progress=cut)
    completed(acme, path)


def test_an_import_stopped_by_a_person_leaves_whole_batches(acme, path):
    def stop(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_csv(acme.db, acme.id, path, progress=stop)
    assert acme.count() == BATCH
    completed(acme, path)


def test_a_full_disk_for_the_rows_with_problems_is_told_and_stores_nothing(acme):
    path = acme.write("email\nnobody\nann@x.example\n")
    with pytest.raises(Unavailable, match="No space left"):
        import_csv(acme.db, acme.id, path, errors_path=Path("/dev/full"))
    assert acme.contacts() == []


def test_a_folder_that_cannot_be_written_is_told_and_stores_nothing(acme):
    path = acme.write("email\nnobody\nann@x.example\n")
    with pytest.raises(Unavailable, match="cannot be written") as told:
        import_csv(acme.db, acme.id, path, errors_path=acme.folder / "missing" / "errors.csv")
    assert "another file" in told.value.hint
    assert acme.contacts() == []


def test_two_imports_of_the_same_contacts_at_once_neither_double_nor_deadlock(acme, path):
    backwards = acme.write("email,note\n" + "".join(f"p{n}@x.example,{n}\n" for n in reversed(range(ROWS))), "backwards.csv")
    reports = []
    threads = [threading.Thread(target=lambda each=each: reports.append(import_csv(acme.db, acme.id, each))) for each in (path, backwards)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.progress.created for report in reports) == ROWS
    assert acme.count() == ROWS
