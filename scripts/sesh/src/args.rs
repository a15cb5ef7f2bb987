//! What the operator may type.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// The operator's command line.
#[derive(Debug, Parser)]
#[command(name = "sesh", version, about, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring data into the platform
    #[command(subcommand)]
    Import(Import),
    /// Check signed packets of the audit log; needs no network
    Verify(VerifyArgs),
    /// The platform's staff
    #[command(subcommand)]
    Staff(Staff),
}

/// What to do with the staff.
#[derive(Debug, Subcommand)]
pub enum Staff {
    /// Add somebody, the first one included; prints the token by which they set their password
    Add(StaffArgs),
}

/// Arguments of `sesh staff add`.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 done, 2 usage, 4 the server refused or could not be reached. \
    The token counts once, for a day: hand it to them over a channel that nobody else reads.")]
pub struct StaffArgs {
    /// E-mail address, by which they sign in
    pub email: String,
    /// What to be called; people whom they act as are told it
    #[arg(long)]
    pub name: String,
    /// What they are to the platform
    #[arg(long, value_parser = ["superadmin", "support", "reseller"])]
    pub role: String,
    /// An address or range from which their tokens count; may be given again. Everywhere unless told
    #[arg(long = "network", value_name = "ADDRESS")]
    pub networks: Vec<String>,
    /// Address of the admin Worker; else `SESH_ADMIN_URL`, else the running local fleet
    #[arg(long)]
    pub url: Option<String>,
    /// The admin key: `@FILE` reads it from a file; else `SESH_ADMIN_KEY`, else the running local fleet's
    #[arg(long, value_name = "@FILE")]
    pub key: Option<String>,
}

/// Arguments of `sesh verify`.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 everything holds, 1 something does not, \
    2 usage, or a file cannot be read. Without --jwks the keys in the packets are taken: \
    that shows that they are whole, and not who made them.")]
pub struct VerifyArgs {
    /// The packets, in any order; several must be one stretch of one log
    #[arg(required = true, value_name = "PACKET")]
    pub packets: Vec<PathBuf>,
    /// The issuer's public keys, had from elsewhere: a saved copy of its `/.well-known/audit-jwks.json`
    #[arg(long, value_name = "FILE")]
    pub jwks: Option<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub json: bool,
}

/// What to bring in.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// A strain catalogue from a CSV file; running it again changes nothing
    Strains(StrainsArgs),
}

/// Arguments of `sesh import strains`.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 done (quarantined rows are no failure), 2 usage, \
    3 a file is unreadable, unwritable or has the wrong header, 4 the server refused or stayed unreachable.")]
pub struct StrainsArgs {
    /// The CSV file; the columns id, name and type are required
    pub file: PathBuf,
    /// Address of the admin Worker; else `SESH_ADMIN_URL`, else the running local fleet
    #[arg(long)]
    pub url: Option<String>,
    /// The admin key: `@FILE` reads it from a file; else `SESH_ADMIN_KEY`, else the running local fleet's
    #[arg(long, value_name = "@FILE")]
    pub key: Option<String>,
    /// Name of the source, kept with each strain; default: the file's name up to its first '-'
    #[arg(long, value_parser = source_name)]
    pub source: Option<String>,
    /// Where to write the rows that were left out; default: FILE's stem + `.quarantine.csv` in this directory
    #[arg(long, value_name = "PATH")]
    pub quarantine: Option<PathBuf>,
    /// Read, clean and count, but send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Rows a request
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub chunk: u16,
}

impl StrainsArgs {
    /// The source's name: as given, else `house` for the project's own `catalogue.csv`, else from the file's name.
    pub fn source(&self) -> String {
        if let Some(source) = &self.source {
            return source.clone();
        }
        let stem = self.stem();
        if stem == "catalogue" {
            return "house".to_owned();
        }
        let first = stem.split('-').next().unwrap_or_default().to_lowercase();
        source_name(&first).unwrap_or_else(|_| "import".to_owned())
    }

    /// Where the rows that were left out go.
    pub fn quarantine_path(&self) -> PathBuf {
        self.quarantine.clone().unwrap_or_else(|| PathBuf::from(format!("{}.quarantine.csv", self.stem())))
    }

    fn stem(&self) -> String {
        self.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// A source's name: 1 to 40 of `a-z`, `0-9`, `-`, `_`.
fn source_name(text: &str) -> Result<String, String> {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if (1..=40).contains(&text.len()) && text.chars().all(legal) {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 40 of a-z, 0-9, '-' and '_'".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn strains(words: &[&str]) -> StrainsArgs {
        let all = ["sesh", "import", "strains"].iter().chain(words);
        match Arguments::try_parse_from(all).unwrap().command {
            Command::Import(Import::Strains(strains)) => strains,
            Command::Verify(_) | Command::Staff(_) => unreachable!(),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn names_follow_the_file_unless_given() {
        let strains_file = strains(&["data/kushy-strains.csv"]);
        assert_eq!(strains_file.source(), "kushy");
        assert_eq!(strains_file.quarantine_path(), PathBuf::from("kushy-strains.quarantine.csv"));
        assert_eq!(strains(&["scripts/catalogue.csv"]).source(), "house");
        assert_eq!(strains(&["Été.csv"]).source(), "import");
        assert_eq!(strains(&["a-b.csv", "--source", "leaf_2"]).source(), "leaf_2");
    }

    #[test]
    fn verifying_wants_a_packet() {
        assert!(Arguments::try_parse_from(["sesh", "verify"]).is_err());
        let words = ["sesh", "verify", "a.json", "b.json", "--jwks", "k.json", "--json"];
        let Command::Verify(verify) = Arguments::try_parse_from(words).unwrap().command else {
            unreachable!()
        };
        assert!(verify.packets.len() == 2 && verify.jwks.is_some() && verify.json);
    }

    #[test]
    fn staff_have_a_name_and_a_role_of_the_platform() {
        let parse = |rest: &[&str]| Arguments::try_parse_from(["sesh", "staff", "add"].iter().chain(rest));
        let words = [
            "a@example.com",
            "--name",
            "A",
            "--role",
            "superadmin",
            "--network",
            "::1",
            "--network",
            "192.0.2.1",
        ];
        let Command::Staff(Staff::Add(staff)) = parse(&words).unwrap().command else { unreachable!() };
        assert_eq!((staff.role.as_str(), staff.networks.len()), ("superadmin", 2));
        for bad in [
            &["a@example.com"][..],
            &["--name", "A", "--role", "support"],
            &["a", "--name", "A", "--role", "root"],
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_chunk_has_1_to_200_rows() {
        for bad in ["0", "201", "many"] {
            assert!(Arguments::try_parse_from(["sesh", "import", "strains", "f", "--chunk", bad]).is_err());
        }
    }
}
