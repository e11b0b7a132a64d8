//! `kith user`: accounts, from the command line.

use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal as _};

use anyhow::Context as _;
use clap::Subcommand;

use super::reach::Reach;
use super::say;
use crate::config::Configuration;
use crate::control::{ChangeUser, CreateUser, ListUsers, UserLine};

/// Random bytes of a password that nobody chose.
const PASSWORD_BYTES: usize = 12;

/// Make, list and change accounts.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make an account. The password is read from standard input, or made up and printed at a terminal.
    Create {
        /// The e-mail address to sign in with.
        email: String,
        /// The name that others see.
        #[arg(long)]
        name: Option<String>,
        /// The username.
        #[arg(long)]
        username: Option<String>,
        /// Let this person run the server.
        #[arg(long)]
        operator: bool,
    },
    /// List all accounts.
    List,
    /// Disable an account and end its sessions.
    Disable {
        /// The e-mail address or username.
        login: String,
    },
    /// Enable an account again.
    Enable {
        /// The e-mail address or username.
        login: String,
    },
    /// Give an account a new password and end its sessions.
    ResetPassword {
        /// The e-mail address or username.
        login: String,
    },
}

pub(super) async fn run(configuration: &Configuration, command: UserCommand) -> anyhow::Result<()> {
    let mut reach = Reach::open(configuration).await?;
    let done = act(&mut reach, command).await;
    reach.close().await?;
    done
}

async fn act(reach: &mut Reach, command: UserCommand) -> anyhow::Result<()> {
    match command {
        UserCommand::Create { email, name, username, operator } => {
            let password = password()?;
            let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or(&email).to_owned());
            let request = CreateUser { email, name, username, password, operator };
            let made: UserLine = reach.ask("/users", &request).await?;
            say(&format!("made {}", line(&made)))
        }
        UserCommand::List => list(reach).await,
        UserCommand::Disable { login } => {
            change(reach, ChangeUser { login, disabled: Some(true), password: None }).await
        }
        UserCommand::Enable { login } => {
            change(reach, ChangeUser { login, disabled: Some(false), password: None }).await
        }
        UserCommand::ResetPassword { login } => {
            let password = Some(password()?);
            change(reach, ChangeUser { login, disabled: None, password }).await
        }
    }
}

async fn change(reach: &mut Reach, request: ChangeUser) -> anyhow::Result<()> {
    let changed: UserLine = reach.ask("/users/change", &request).await?;
    say(&format!("changed {}", line(&changed)))
}

async fn list(reach: &mut Reach) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let users: Vec<UserLine> = reach.ask("/users/list", &ListUsers { after }).await?;
        let Some(last) = users.last() else {
            return Ok(());
        };
        for user in &users {
            say(&line(user))?;
        }
        after = Some(last.user_id.clone());
    }
}

fn line(user: &UserLine) -> String {
    let mut line = format!("{}  {}", user.user_id, user.email);
    let marks = [(user.operator, "operator"), (user.disabled, "disabled")];
    let marks = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark);
    let username = user.username.iter().map(|username| username.as_str());
    for word in username.chain(marks) {
        line.push_str("  ");
        line.push_str(word);
    }
    line
}

/// The first line of standard input, or at a terminal a new password, which is printed.
fn password() -> anyhow::Result<String> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let mut password = String::new();
        stdin
            .lock()
            .read_line(&mut password)
            .context("the password cannot be read from standard input")?;
        return Ok(password.trim_end_matches(['\r', '\n']).to_owned());
    }
    let mut password = String::new();
    for byte in app::Env::system().bytes::<PASSWORD_BYTES>() {
        write!(password, "{byte:02x}")?;
    }
    say(&format!("the password is {password}"))?;
    Ok(password)
}
