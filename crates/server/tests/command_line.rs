//! The binary, as an operator uses it: configuration and accounts, with and without a running server.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

const PASSWORD: &str = "four words are enough\n";

fn kith(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(command: &mut Command) -> Output {
    command.output().expect("the binary starts")
}

fn good(output: Output) -> String {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout).expect("text")
}

fn refusal(output: Output) -> String {
    assert!(!output.status.success());
    let complaint = String::from_utf8(output.stderr).expect("text");
    assert!(complaint.starts_with("error: "), "{complaint}");
    complaint
}

fn with_password(arguments: &[&str]) -> Output {
    let mut child = kith(arguments).stdin(Stdio::piped()).spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(PASSWORD.as_bytes()).expect("it reads");
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn folder() -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data").to_str().expect("text").to_owned();
    (folder, data)
}

/// A server that is told to stop, and waited for, when the test lets go of it.
struct Server(Child);

impl Server {
    fn start(data: &str) -> Self {
        let mut child = kith(&["serve", "--data", data, "--listen", "127.0.0.1:0"])
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it is");
        assert!(line.starts_with("Kith is ready at http://127.0.0.1:"), "{line}");
        Self(child)
    }

    fn stop(mut self) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill runs").success());
        assert!(self.0.wait().expect("it ends").success(), "it ends in peace");
    }
}

#[test]
fn the_example_is_a_good_configuration() {
    let (folder, _) = folder();
    let file = folder.path().join("kith.toml");
    std::fs::write(&file, good(run(&mut kith(&["config", "example"])))).unwrap();
    let file = file.to_str().expect("text");
    good(run(&mut kith(&["config", "check", "--config", file])));
}

#[test]
fn the_environment_wins_over_the_file_and_is_checked() {
    let (folder, _) = folder();
    let file = folder.path().join("kith.toml");
    std::fs::write(&file, "[limits]\nlogin_per_user = \"nonsense\"").unwrap();
    let check = ["config", "check", "--config", file.to_str().expect("text")];
    assert!(refusal(run(&mut kith(&check))).contains("nonsense"));

    std::fs::write(&file, "[session]\naccess_hours = 0").unwrap();
    good(run(kith(&check).env("KITH_SESSION_ACCESS_HOURS", "5")));

    let wrong = refusal(run(kith(&check[..2]).env("KITH_SERVER_LISTEN", "nowhere")));
    assert!(wrong.contains("KITH_SERVER_LISTEN"), "{wrong}");
    let proxies = refusal(run(kith(&check[..2]).env("KITH_SERVER_TRUSTED_PROXIES", "10.0.0.1,x")));
    assert!(proxies.contains("KITH_SERVER_TRUSTED_PROXIES"), "{proxies}");
    good(run(kith(&check[..2]).env("KITH_SERVER_TRUSTED_PROXIES", "10.0.0.1,fd00::/8")));
}

#[test]
fn a_file_that_is_missing_or_misspelt_is_refused() {
    let (folder, _) = folder();
    let file = folder.path().join("kith.toml");
    let check = ["config", "check", "--config", file.to_str().expect("text")];
    assert!(refusal(run(&mut kith(&check))).contains("kith.toml"));
    std::fs::write(&file, "[sever]\n").unwrap();
    assert!(refusal(run(&mut kith(&check))).contains("sever"));
}

#[test]
fn the_document_of_the_api_is_json() {
    let document = good(run(&mut kith(&["openapi"])));
    let document: serde_json::Value = serde_json::from_str(&document).expect("JSON");
    assert!(document["paths"]["/message/send"].is_object());
}

#[test]
fn accounts_are_managed_whether_the_server_runs_or_not() {
    let (_folder, data) = folder();
    let act = |action: &[&str]| with_password(&[&["user", "--data", &data], action].concat());
    let list = || good(act(&["list"]));

    good(act(&["create", "anna@example.org", "--name", "Anna", "--operator"]));
    assert!(list().contains("anna@example.org  operator"));

    let server = Server::start(&data);
    good(act(&["create", "ben@example.org", "--username", "ben"]));
    good(act(&["disable", "ben"]));
    assert!(list().contains("ben@example.org  ben  disabled"), "{}", list());
    assert!(refusal(act(&["create", "ben@example.org"])).len() > "error: ".len());
    assert!(refusal(act(&["disable", "nobody"])).len() > "error: ".len());
    server.stop();

    assert!(list().contains("ben@example.org  ben  disabled"));
    good(act(&["enable", "ben"]));
    good(act(&["reset-password", "ben"]));
    assert!(!list().contains("disabled"));
}

#[test]
fn only_the_owner_reaches_what_operators_do() {
    let (_folder, data) = folder();
    let server = Server::start(&data);
    for (path, mode) in
        [(Path::new(&data).to_owned(), 0o700), (Path::new(&data).join("control.sock"), 0o600)]
    {
        let found = std::fs::metadata(&path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(found, mode, "{}", path.display());
    }
    server.stop();
}

#[test]
fn a_backup_of_a_running_server_comes_back() {
    let (folder, data) = folder();
    good(with_password(&["user", "create", "anna@example.org", "--data", &data]));
    let server = Server::start(&data);
    let backup = folder.path().join("kith.backup").to_str().expect("text").to_owned();
    assert!(good(run(&mut kith(&["backup", &backup, "--data", &data]))).contains("verified"));
    assert!(refusal(run(&mut kith(&["backup", &backup, "--data", &data]))).contains("exists"));
    let busy = refusal(run(&mut kith(&["store", "check", "--data", &data])));
    assert!(busy.contains("already using"), "{busy}");
    server.stop();

    let elsewhere = folder.path().join("elsewhere").to_str().expect("text").to_owned();
    good(run(&mut kith(&["restore", &backup, "--data", &elsewhere])));
    good(run(&mut kith(&["store", "check", "--data", &elsewhere])));
    let list = good(run(&mut kith(&["user", "list", "--data", &elsewhere])));
    assert!(list.contains("anna@example.org"));
    assert!(!Path::new(&elsewhere).join("control.sock").exists());

    let again = refusal(run(&mut kith(&["restore", &backup, "--data", &elsewhere])));
    assert!(again.contains("nothing was restored"), "{again}");
}
