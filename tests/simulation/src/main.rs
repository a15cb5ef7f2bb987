//! `simulate`: plays seeds, and tells the story of the first that breaks a rule.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a command of the project's own tests")]

fn main() -> std::process::ExitCode {
    simulation::command::run(std::env::args().skip(1))
}
