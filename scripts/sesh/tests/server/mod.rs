//! A server that remembers what it was asked and answers as it is told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Method, path and version.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    /// The body, as text.
    pub(crate) body: String,
}

impl Request {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The rows of an import.
    pub(crate) fn rows(&self) -> Vec<serde_json::Value> {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        body["rows"].as_array().unwrap().clone()
    }
}

/// What to answer.
pub(crate) enum Answer {
    /// A status, further headers, a body.
    Http(u16, Vec<String>, String),
    /// Nothing: the connection is closed.
    Drop,
}

impl Answer {
    /// A status and a body.
    pub(crate) fn of(status: u16, body: &str) -> Self {
        Self::Http(status, Vec::new(), body.to_owned())
    }

    /// 200, every row inserted.
    pub(crate) fn taken(request: &Request) -> Self {
        let rows = request.rows().len();
        Self::of(
            200,
            &format!(r#"{{"success":true,"data":{{"inserted":{rows},"updated":0,"unchanged":0}}}}"#),
        )
    }

    /// With one more header line.
    pub(crate) fn header(self, line: &str) -> Self {
        match self {
            Self::Http(status, mut headers, body) => {
                headers.push(line.to_owned());
                Self::Http(status, headers, body)
            }
            Self::Drop => Self::Drop,
        }
    }
}

/// A server on a port of its own, until the test ends.
pub(crate) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Starts; `answer` gets the number of the request, from 0, and the request.
    pub(crate) fn start(answer: impl Fn(usize, &Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let request = receive(&stream);
                let nth = seen.lock().unwrap().len();
                seen.lock().unwrap().push(request.clone());
                reply(stream, answer(nth, &request));
            }
        });
        Self { port, requests }
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn receive(stream: &TcpStream) -> Request {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let header = |line: &String| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_lowercase(), value.trim().to_owned())
    };
    let headers: Vec<(String, String)> = lines.iter().skip(1).map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").unwrap().1.parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Request { line: lines[0].clone(), headers, body: String::from_utf8(body).unwrap() }
}

fn reply(mut stream: TcpStream, answer: Answer) {
    let Answer::Http(status, headers, body) = answer else { return };
    let mut head = vec![format!("HTTP/1.1 {status} X"), "connection: close".to_owned()];
    head.push(format!("content-length: {}", body.len()));
    head.extend(headers);
    let head = head.join("\r\n") + "\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
}
