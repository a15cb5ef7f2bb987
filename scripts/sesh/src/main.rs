//! Entry of the `sesh` binary: reads the arguments, runs the command and turns its outcome into an exit code.

use clap::Parser as _;
use sesh::args::{Arguments, Command, Import};
use std::io::{self, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Command::Import(Import::Strains(strains)) = arguments.command;
    match sesh::import::run(&strains, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // When stderr itself is gone there is nobody left to tell; the exit code still says it.
            let _ = writeln!(io::stderr().lock(), "sesh: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
