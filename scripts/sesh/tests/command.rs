//! The binary as an operator runs it: output, quarantine file and exit codes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

#[allow(dead_code, reason = "shared with the client's tests")]
mod server;

use server::{Answer, Server};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own, which is the command's working directory; gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sesh-command-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: &str) {
        fs::write(self.0.join(name), content).unwrap();
    }

    fn import(&self, words: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sesh"));
        command.current_dir(&self.0).args(["import", "strains"]).args(words);
        command.env_remove("SESH_ADMIN_URL").env_remove("SESH_ADMIN_KEY").envs(environment.iter().copied());
        command.output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_projects_own_catalogue_needs_no_repair_and_no_server() {
    let folder = Folder::new("own");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalogue.csv").canonicalize().unwrap();
    let output = folder.import(&[file.to_str().unwrap(), "--dry-run"], &[]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(table.contains("(source house)"), "{table}");
    assert!(table.contains("accepted                          50\n"), "{table}");
    assert!(table.contains("  as they stand                   50"), "{table}");
    assert!(table.contains("dry run: nothing was sent (1 chunks)"), "{table}");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0, "no quarantine file");
}

#[test]
fn rows_left_out_are_written_and_no_failure() {
    let folder = Folder::new("quarantine");
    folder.file("mine-1.csv", "id,name,type\n1,\"A\nB\",Hybrid\n2,,Hybrid\n");
    let output = folder.import(&["mine-1.csv", "--dry-run"], &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("left out rows: mine-1.quarantine.csv"));
    let written = fs::read_to_string(folder.0.join("mine-1.quarantine.csv")).unwrap();
    assert_eq!(written, "line,source_id,reason,detail,raw\n4,2,name_empty,no name,\"2,,Hybrid\"\n");
}

#[test]
fn a_run_against_a_server_prints_its_totals_and_no_key() {
    let server = Server::start(|_, request| Answer::taken(request));
    let folder = Folder::new("run");
    folder.file("mine.csv", "id,name,type\n1,Haze,Sativa\n2,Skunk,Hybrid\n");
    folder.file("key", "secret-key\n");
    let output = folder.import(&["mine.csv", "--url", &server.url(), "--key", "@key", "--chunk", "1"], &[]);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert!(out.contains("server: 2 inserted, 0 updated, 0 unchanged"), "{out}");
    assert!(err.contains("2 of 2 rows"), "{err}");
    assert!(!out.contains("secret-key") && !err.contains("secret-key"));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn exit_codes_tell_whose_fault_it_is() {
    let refusing = Server::start(|_, _| {
        let body = r#"{"success":false,"error":{"code":"unauthorized","message":"A valid key is needed."}}"#;
        Answer::of(401, body).header("x-request-id: r-7")
    });
    let folder = Folder::new("codes");
    folder.file("good.csv", "id,name,type\n1,Haze,Sativa\n");
    folder.file("bad.csv", "id,strain\n1,Haze\n");
    let url = refusing.url();
    let environment = [("SESH_ADMIN_URL", url.as_str()), ("SESH_ADMIN_KEY", "wrong")];
    for (words, environment, code, told) in [
        (["good.csv", "--chunk=0"], &environment[..], 2, "--chunk"),
        (["good.csv", "--chunk=9"], &[], 2, "no server"),
        (["none.csv", "--dry-run"], &[], 3, "none.csv: No such file"),
        (["bad.csv", "--dry-run"], &[], 3, "missing columns name, type"),
        (
            ["good.csv", "--chunk=9"],
            &environment[..],
            4,
            "401 unauthorized: A valid key is needed.\n  request id: r-7",
        ),
    ] {
        let output = folder.import(&words, environment);
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {err}");
        assert!(err.contains(told), "{words:?}: {err}");
    }
}

fn staff(folder: &Folder, url: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sesh"));
    let words =
        ["staff", "add", "grace@example.com", "--name", "Grace", "--role", "superadmin", "--network", "::1"];
    command.current_dir(&folder.0).args(words);
    command.envs([("SESH_ADMIN_URL", url), ("SESH_ADMIN_KEY", "sesh_admin_x")]).output().unwrap()
}

#[test]
fn the_first_superadmin_is_added_and_their_token_told() {
    let folder = Folder::new("staff");
    let made =
        r#"{"success":true,"data":{"id":"1","token":"se_1_x","expires_at":"2026-11-22T00:00:00.000Z"}}"#;
    let server = Server::start(move |_, _| Answer::of(201, made));
    let output = staff(&folder, &server.url());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("\ntoken se_1_x\n"), "{}", text(&output.stdout));
    let asked = server.requests().remove(0);
    assert!(asked.line.starts_with("POST /api/v1/staff "), "{}", asked.line);
    assert_eq!(asked.header("authorization"), Some("Bearer sesh_admin_x"));
    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!((&body["role"], &body["networks"]), (&"superadmin".into(), &serde_json::json!(["::1"])));
}

#[test]
fn who_is_on_the_staff_already_is_not_added_again() {
    let folder = Folder::new("staff-again");
    let refusal = r#"{"success":false,"error":{"code":"conflict","message":"There is one."}}"#;
    let server = Server::start(move |_, _| Answer::of(409, refusal));
    let output = staff(&folder, &server.url());
    assert_eq!(output.status.code(), Some(4));
    assert!(text(&output.stderr).contains("409 conflict: There is one."), "{}", text(&output.stderr));
}
