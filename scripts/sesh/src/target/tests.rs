use super::*;

/// A folder of its own under the system's temporary one, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sesh-target-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join(".dev")).unwrap();
        fs::create_dir_all(path.join("a/b")).unwrap();
        Self(path)
    }

    fn with_fleet(name: &str) -> Self {
        let folder = Self::new(name);
        let fleet =
            r#"{"tracker":"http://127.0.0.1:8787","admin":"http://127.0.0.1:8789","admin_key":"local-key"}"#;
        fs::write(folder.0.join(FLEET_FILE), fleet).unwrap();
        folder
    }

    fn sources(&self) -> Sources {
        Sources { directory: self.0.join("a/b"), ..Sources::default() }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn target(url: &str, key: &str) -> Target {
    Target { url: url.to_owned(), key: AdminKey::new(key).unwrap() }
}

#[test]
fn the_local_fleet_is_found_upwards() {
    let folder = Folder::with_fleet("up");
    assert_eq!(resolve(&folder.sources()).unwrap(), target("http://127.0.0.1:8789", "local-key"));
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_fleet() {
    let folder = Folder::with_fleet("order");
    let variable = Some("https://env.example".to_owned());
    let environment =
        Sources { url_variable: variable, key_variable: Some("env-key".into()), ..folder.sources() };
    assert_eq!(resolve(&environment).unwrap(), target("https://env.example", "env-key"));
    fs::write(folder.0.join("key"), "file-key\n").unwrap();
    let flags = Sources {
        url_flag: Some("https://flag.example/".into()),
        key_flag: Some(format!("@{}", folder.0.join("key").display())),
        ..environment
    };
    assert_eq!(resolve(&flags).unwrap(), target("https://flag.example", "file-key"));
}

#[test]
fn the_fleets_key_never_goes_elsewhere() {
    let folder = Folder::with_fleet("elsewhere");
    let sources = Sources { url_flag: Some("https://admin.example".into()), ..folder.sources() };
    assert!(matches!(resolve(&sources), Err(TargetError::NoKey(_))));
}

#[test]
fn a_key_travels_encrypted_or_not_at_all() {
    let folder = Folder::new("insecure");
    let with = |url: &str| {
        let sources = Sources { url_flag: Some(url.into()), key_flag: Some("k".into()), ..folder.sources() };
        resolve(&sources)
    };
    assert!(matches!(with("http://admin.example"), Err(TargetError::Insecure(_))));
    assert!(matches!(with("http://127.0.0.1.example"), Err(TargetError::Insecure(_))));
    for local in ["http://localhost:1", "http://[::1]:1", "http://127.0.0.2:1", "https://admin.example"] {
        assert!(with(local).is_ok(), "{local}");
    }
    for bad in ["", "admin.example", "ftp://x", "https://u:p@x", "https://x?q=1"] {
        assert!(matches!(with(bad), Err(TargetError::BadUrl(_))), "{bad}");
    }
}

#[test]
fn nothing_shows_the_key() {
    let key = AdminKey::new("very-secret").unwrap();
    assert_eq!(format!("{key:?}"), "AdminKey(…)");
    assert!(matches!(AdminKey::new("two words"), Err(TargetError::BadKey)));
    let folder = Folder::new("broken");
    fs::write(folder.0.join(FLEET_FILE), r#"{"admin":1,"admin_key":"very-secret"}"#).unwrap();
    let error = resolve(&folder.sources()).unwrap_err().to_string();
    assert!(!error.contains("very-secret"), "{error}");
}

#[test]
fn nothing_to_go_by_is_said() {
    let folder = Folder::new("nothing");
    assert!(matches!(resolve(&folder.sources()), Err(TargetError::NoUrl)));
}
