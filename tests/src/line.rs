//! A line between a browser and the fleet that can be cut: what a telephone has in an aeroplane, a lift or a tunnel.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

#[derive(Debug, Default)]
struct Lost {
    /// Requests that begin with this lose their answer.
    request: String,
    left: usize,
    hits: usize,
}

#[derive(Debug, Default)]
struct State {
    is_cut: bool,
    lost: Lost,
    open: Vec<TcpStream>,
}

/// A line with an address of its own, on loopback. It ends with the process.
#[derive(Clone, Debug)]
pub struct Line {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Line {
    /// A line to the server at this address (`http://host:port`).
    pub fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let target = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let state = line.state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let mut known = state.lock().unwrap();
                if known.is_cut {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&target) else { continue };
                known.open.extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                carry(&state, &client, &server);
            }
        });
        line
    }

    /// The origin that a browser sees; loopback by name is a secure context.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Cuts it: what is open breaks, nothing new comes through.
    pub fn cut(&self) {
        let mut state = self.state.lock().unwrap();
        state.is_cut = true;
        for stream in state.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Mends it.
    pub fn mend(&self) {
        self.state.lock().unwrap().is_cut = false;
    }

    /// The next so many requests that begin with this arrive, and their answers do not.
    pub fn loses(&self, request: &str, count: usize) {
        self.state.lock().unwrap().lost = Lost { request: request.to_owned(), left: count, hits: 0 };
    }

    /// How many answers it lost.
    pub fn lost(&self) -> usize {
        self.state.lock().unwrap().lost.hits
    }
}

/// Whether what passes may go on.
type Look = Box<dyn Fn(&[u8]) -> bool + Send>;

fn carry(state: &Arc<Mutex<State>>, client: &TcpStream, server: &TcpStream) {
    let is_losing = Arc::new(Mutex::new(false));
    let pump = |mut from: TcpStream, mut to: TcpStream, look: Look| {
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count) = from.read(&mut buffer) {
                if count == 0 || !look(&buffer[..count]) || to.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
        });
    };
    let (up, down) = (state.clone(), state.clone());
    let (begins, ends) = (is_losing.clone(), is_losing);
    let asks = move |bytes: &[u8]| {
        let lost = &mut up.lock().unwrap().lost;
        if lost.left > 0 && bytes.starts_with(lost.request.as_bytes()) {
            lost.left -= 1;
            *begins.lock().unwrap() = true;
        }
        true
    };
    let answers = move |_: &[u8]| {
        if *ends.lock().unwrap() {
            down.lock().unwrap().lost.hits += 1;
            return false;
        }
        true
    };
    pump(client.try_clone().unwrap(), server.try_clone().unwrap(), Box::new(asks));
    pump(server.try_clone().unwrap(), client.try_clone().unwrap(), Box::new(answers));
}
