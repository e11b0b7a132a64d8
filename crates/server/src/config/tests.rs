use super::*;

fn parse(text: &str) -> anyhow::Result<Configuration> {
    Configuration::finish(toml::from_str(text)?, Overrides::default())
}

fn refusal(text: &str) -> String {
    format!("{:#}", parse(text).expect_err("refused"))
}

#[test]
fn nothing_needs_to_be_configured() {
    let configuration = parse("").expect("defaults are valid");
    assert_eq!(configuration.server.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(configuration.limits.body_bytes_max, 256 * 1024);
    assert_eq!(configuration.session.access_hours, 24);
    assert!(configuration.registration.open);
    assert!(!configuration.is_https());
}

#[test]
fn the_example_says_what_the_defaults_are() {
    let example = Configuration::example();
    let same = parse(&example).expect("the example is valid");
    assert_eq!(format!("{same:?}"), format!("{:?}", parse("").expect("defaults are valid")));

    // Uncommented, every line with a value is still valid and still the default.
    let uncommented: String =
        example.lines().map(|line| format!("{}\n", without_mark(line))).collect();
    let same = parse(&uncommented).expect("the values of the example are valid");
    assert_eq!(format!("{same:?}"), format!("{:?}", parse("").expect("defaults are valid")));
}

/// The line, without the `#` before a name and its value.
fn without_mark(line: &str) -> &str {
    match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') && !rest.trim_end().ends_with('=') => rest,
        _ => line,
    }
}

#[test]
fn every_value_has_a_name_in_the_environment() {
    let example = Configuration::example();
    let values = example
        .lines()
        .filter(|line| line.starts_with('#') && line.contains('=') && !line.starts_with("# "));
    let names = example.lines().filter(|line| line.contains("environment variable `KITH_"));
    assert_eq!(values.count(), names.count());
}

#[test]
fn an_unknown_name_is_refused() {
    assert!(refusal("[server]\nlissten = \"0.0.0.0:80\"").contains("lissten"));
    assert!(refusal("[sever]\nlisten = \"0.0.0.0:80\"").contains("sever"));
}

#[test]
fn the_command_line_wins() {
    let overrides =
        Overrides { data: Some("elsewhere".into()), listen: Some("127.0.0.1:1".parse().unwrap()) };
    let configuration =
        Configuration::finish(toml::from_str("[server]\ndata = \"here\"").unwrap(), overrides)
            .expect("valid");
    assert_eq!(configuration.server.data, PathBuf::from("elsewhere"));
    assert_eq!(configuration.server.listen.port(), 1);
}

#[test]
fn what_does_not_fit_together_is_refused_with_a_way_out() {
    for (text, says) in [
        ("[tls]\ncertificate_file = \"a.pem\"", "tls.key_file"),
        ("[tls]\nkey_file = \"a.pem\"", "tls.certificate_file"),
        (
            "[tls]\ncertificate_file = \"a\"\nkey_file = \"b\"\ndomains = [\"a.example\"]",
            "not both",
        ),
        ("[tls]\ndomains = [\"https://a.example\"]", "without https://"),
        ("[tls]\nredirect_listen = \"0.0.0.0:80\"", "needs TLS"),
        ("[server]\npublic_url = \"chat.example.org\"", "must begin with https://"),
        ("[server]\npublic_url = \"https://chat.example.org/kith\"", "must end after the host"),
        ("[server]\ntrusted_proxies = [\"10.0.0.0/40\"]", "10.0.0.0/40"),
        ("[server]\nlisten = \"localhost\"", "listen"),
        ("[limits]\nlogin_per_user = \"often\"", "30/minute burst 60"),
        ("[limits]\nheader_bytes_max = 100", "at least 8192"),
        ("[limits]\nlogin_threads = 0", "limits.login_threads must be at least 1"),
        ("[session]\naccess_hours = 100\nrefresh_days = 1", "session.refresh_days"),
        ("[log]\nlevel = \"loud=very\"", "log.level"),
        ("[log]\nmetrics_token = \"\"", "the metrics token is empty"),
        ("[log]\nmetrics_token = \"a\"\nmetrics_token_file = \"b\"", "not both"),
        ("[log]\nmetrics_token_file = \"no-such-file\"", "cannot read no-such-file"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains(says), "{text}: {refusal}");
    }
}

#[test]
fn a_secret_is_not_shown() {
    let configuration = parse("[log]\nmetrics_token = \"sesame\"").expect("valid");
    assert!(!format!("{configuration:?}").contains("sesame"));
}
