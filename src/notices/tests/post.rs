//! A mail server of a few lines: it takes what it is sent, and refuses the addresses that it was told to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use crate::notices::testing::Received;

pub(super) struct PostOffice {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    _serving: Option<AbortOnDropHandle<()>>,
}

impl PostOffice {
    /// Answers `RCPT TO` of an address with the code that is given for its local part, else with 250.
    pub(super) async fn open(refusals: &[(&'static str, &'static str)]) -> Self {
        Self::open_at("127.0.0.1:0".parse().unwrap(), refusals).await
    }

    /// Nobody listens.
    pub(super) async fn closed() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            received: Arc::default(),
            _serving: None,
        }
    }

    /// The same address, with somebody behind it.
    pub(super) async fn opened(&self) -> Self {
        Self::open_at(self.address, &[]).await
    }

    async fn open_at(address: SocketAddr, refusals: &[(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (into, refusals) = (Arc::clone(&received), refusals.iter().copied().collect());
        let refusals: Arc<BTreeMap<_, _>> = Arc::new(refusals);
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(converse(stream, Arc::clone(&into), Arc::clone(&refusals)));
            }
        });
        Self {
            address,
            received,
            _serving: Some(AbortOnDropHandle::new(serving)),
        }
    }

    pub(super) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Every mail so far, by the address that it is for.
    pub(super) fn received(&self) -> Vec<Received> {
        let mut received = self.received.lock().unwrap().clone();
        received.sort_by_key(|mail| mail.header("To"));
        received
    }
}

async fn converse(
    stream: TcpStream,
    received: Arc<Mutex<Vec<Received>>>,
    refusals: Arc<BTreeMap<&'static str, &'static str>>,
) -> Option<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 post.example\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let answer = match line.to_uppercase().split([' ', ':']).next()? {
            "EHLO" => "250-post.example\r\n250 8BITMIME".to_owned(),
            "RCPT" => {
                let local = line.split(['<', '@']).nth(1)?;
                refusals
                    .get(local)
                    .map_or("250 ok", |refusal| refusal)
                    .to_owned()
            }
            "DATA" => {
                writing.write_all(b"354 go on\r\n").await.ok()?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    text.push_str(&line);
                    text.push_str("\r\n");
                }
                received.lock().ok()?.push(Received(text));
                "250 taken".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "250 ok".to_owned(),
        };
        writing
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .ok()?;
    }
    Some(())
}
