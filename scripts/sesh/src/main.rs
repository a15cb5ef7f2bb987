//! Entry of the `sesh` binary: reads the arguments, runs the command and turns its outcome into an exit code.

use clap::Parser as _;
use sesh::args::{Arguments, Command, Import, Staff};
use std::io::{self, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = io::stdout().lock();
    match arguments.command {
        Command::Import(Import::Strains(strains)) => match sesh::import::run(&strains, &mut out) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failed(&failure, failure.exit_code()),
        },
        Command::Staff(Staff::Add(staff)) => match sesh::staff::run(&staff, &mut out) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failed(&failure, failure.exit_code()),
        },
        Command::Verify(verify) => match sesh::verify::run(&verify, &mut out) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(failure) => failed(&failure, 2),
        },
    }
}

fn failed(failure: &dyn std::fmt::Display, code: u8) -> ExitCode {
    // When stderr itself is gone there is nobody left to tell; the exit code still says it.
    let _ = writeln!(io::stderr().lock(), "sesh: {failure}");
    ExitCode::from(code)
}
