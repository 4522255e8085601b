//! The accept loop against clients that are slow, silent, many or old (reliability R31, R33).

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use openssl::ssl::{SslAcceptor, SslConnector, SslMethod, SslVerifyMode, SslVersion};
use poem::{Endpoint, Request, Response, endpoint};
use portico::http::listener::{self, ConnectionLimits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_openssl::SslStream;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(150);

struct Listening {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

async fn listen(limits: ConnectionLimits, endpoint: impl Endpoint + 'static) -> Listening {
    listen_with(None, limits, endpoint).await
}

async fn listen_with(
    tls: Option<SslAcceptor>,
    limits: ConnectionLimits,
    endpoint: impl Endpoint + 'static,
) -> Listening {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let stop = CancellationToken::new();
    let task = tokio::spawn(listener::serve(socket, tls, limits, endpoint, stop.clone()));
    Listening {
        address,
        stop,
        task,
    }
}

/// Answers what it was sent, or why it could not be read.
fn echo() -> impl Endpoint {
    endpoint::make(|request: Request| async move {
        match request.into_body().into_bytes_limit(1_000).await {
            Ok(body) => Response::builder().body(body),
            Err(poem::error::ReadBodyError::Io(error)) => {
                Response::builder().body(format!("{:?}", error.kind()))
            }
            Err(other) => Response::builder().body(other.to_string()),
        }
    })
}

async fn connect(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Everything that comes until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut text))
        .await
        .unwrap();
    assert!(read.is_ok() || read.unwrap_err().kind() == ErrorKind::ConnectionReset);
    String::from_utf8_lossy(&text).into_owned()
}

async fn post(address: SocketAddr, body: &str) -> String {
    let length = body.len();
    let request = format!(
        "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    rest(&mut connect(address, &request).await).await
}

#[tokio::test]
async fn slow_and_silent_clients_are_closed_and_others_are_served() {
    let limits = ConnectionLimits {
        header_timeout: SHORT,
        ..ConnectionLimits::default()
    };
    let server = listen(limits, echo()).await;
    let mut slow = Vec::new();
    for start in [
        "",
        "P",
        "POST / HTTP/1.1\r\nx-a: ",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        slow.push(connect(server.address, start).await);
    }

    assert!(post(server.address, "hello").await.ends_with("hello"));

    for mut stream in slow {
        rest(&mut stream).await;
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_fails_in_time() {
    let limits = ConnectionLimits {
        body_timeout: SHORT,
        ..ConnectionLimits::default()
    };
    let server = listen(limits, echo()).await;
    let request = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nab";

    let answer = rest(&mut connect(server.address, request).await).await;

    assert!(answer.ends_with("TimedOut"), "{answer}");
}

#[tokio::test]
async fn an_endless_body_is_read_to_its_limit_only() {
    let server = listen(ConnectionLimits::default(), echo()).await;
    let request =
        "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1_024));

    let answer = rest(&mut connect(server.address, &(request.to_owned() + &chunk)).await).await;

    assert!(answer.ends_with("payload too large"), "{answer}");
}

#[tokio::test]
async fn a_client_that_reads_nothing_of_a_large_answer_is_closed() {
    let limits = ConnectionLimits {
        write_timeout: SHORT,
        connections: 1,
        ..ConnectionLimits::default()
    };
    let large = endpoint::make(|_| async { vec![b'x'; 32 * 1024 * 1024] });
    let server = listen(limits, large).await;
    let request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut idle = connect(server.address, request).await;

    // The only place is free again once the first client has been given up.
    let mut byte = [0];
    let mut next = connect(server.address, request).await;
    let first = tokio::time::timeout(PATIENCE, next.read_exact(&mut byte)).await;

    assert!(first.unwrap().is_ok());
    assert!(rest(&mut idle).await.len() < 32 * 1024 * 1024);
}

#[tokio::test]
async fn headers_beyond_the_limits_are_refused() {
    let limits = ConnectionLimits {
        header_bytes: 8_192,
        ..ConnectionLimits::default()
    };
    let server = listen(limits, echo()).await;
    let large = format!("GET / HTTP/1.1\r\ncookie: {}\r\n\r\n", "x".repeat(10_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x-a: b\r\n".repeat(101));

    for request in [large, many] {
        let answer = rest(&mut connect(server.address, &request).await).await;

        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn a_request_that_a_proxy_may_read_in_another_way_is_refused() {
    let server = listen(ConnectionLimits::default(), echo()).await;
    for request in [
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcde",
        "GET / HTTP/1.1\r\nhost: a\r\nx-a: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
    ] {
        let answer = rest(&mut connect(server.address, request).await).await;

        assert!(answer.starts_with("HTTP/1.1 400 "), "{request:?}: {answer}");
        assert!(answer.contains("connection: close"));
    }
}

#[tokio::test]
async fn after_a_request_with_two_lengths_nothing_more_is_read() {
    let server = listen(ConnectionLimits::default(), echo()).await;
    let lengths = "content-length: 5\r\ntransfer-encoding: chunked";
    let smuggled = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 8\r\n\r\nsmuggled";
    let request = format!("POST / HTTP/1.1\r\nhost: a\r\n{lengths}\r\n\r\n0\r\n\r\n{smuggled}");

    let answer = rest(&mut connect(server.address, &request).await).await;

    assert!(
        answer.contains("connection: close") && !answer.contains("smuggled"),
        "{answer}"
    );
}

#[tokio::test]
async fn one_connection_more_than_allowed_waits_for_a_place() {
    let limits = ConnectionLimits {
        connections: 1,
        ..ConnectionLimits::default()
    };
    let server = listen(limits, echo()).await;
    let request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut first = connect(server.address, request).await;
    let mut byte = [0];
    first.read_exact(&mut byte).await.unwrap();

    let mut second = connect(server.address, request).await;
    let waits = tokio::time::timeout(SHORT, second.read_exact(&mut byte)).await;
    drop(first);
    let echoed = tokio::time::timeout(PATIENCE, second.read_exact(&mut byte)).await;

    assert!(waits.is_err());
    assert!(echoed.unwrap().is_ok());
}

#[tokio::test]
async fn a_stop_lets_the_running_request_finish_and_takes_no_new_one() {
    let (begun, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let endpoint = endpoint::make({
        let (begun, release) = (Arc::clone(&begun), Arc::clone(&release));
        move |_| {
            let (begun, release) = (Arc::clone(&begun), Arc::clone(&release));
            async move {
                begun.notify_one();
                release.notified().await;
                "finished"
            }
        }
    });
    let server = listen(ConnectionLimits::default(), endpoint).await;
    let mut running = connect(server.address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    begun.notified().await;

    server.stop.cancel();
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    release.notify_one();
    let answer = rest(&mut running).await;

    assert!(
        answer.contains("connection: close") && answer.ends_with("finished"),
        "{answer}"
    );
    tokio::time::timeout(PATIENCE, server.task)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_stop_the_stop() {
    let limits = ConnectionLimits {
        drain: SHORT,
        ..ConnectionLimits::default()
    };
    let begun = Arc::new(Notify::new());
    let endpoint = endpoint::make({
        let begun = Arc::clone(&begun);
        move |_| {
            let begun = Arc::clone(&begun);
            async move {
                begun.notify_one();
                std::future::pending::<()>().await;
            }
        }
    });
    let server = listen(limits, endpoint).await;
    let _running = connect(server.address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    begun.notified().await;

    server.stop.cancel();

    tokio::time::timeout(PATIENCE, server.task)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn http_2_is_spoken_without_an_upgrade() {
    const SETTINGS: u8 = 4;
    let server = listen(ConnectionLimits::default(), echo()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    stream.write_all(preface).await.unwrap();

    let mut frame = [0; 9];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut frame))
        .await
        .unwrap()
        .unwrap();

    assert_eq!(frame[3], SETTINGS);
}

mod tls {
    use super::*;

    /// With a certificate that signed itself.
    fn acceptor() -> SslAcceptor {
        use openssl::{asn1::Asn1Time, hash::MessageDigest, pkey::PKey, rsa::Rsa, x509::X509};

        let key = PKey::from_rsa(Rsa::generate(2_048).unwrap()).unwrap();
        let mut certificate = X509::builder().unwrap();
        certificate.set_pubkey(&key).unwrap();
        certificate
            .set_not_before(&Asn1Time::days_from_now(0).unwrap())
            .unwrap();
        certificate
            .set_not_after(&Asn1Time::days_from_now(1).unwrap())
            .unwrap();
        certificate.sign(&key, MessageDigest::sha256()).unwrap();
        let chain = String::from_utf8(certificate.build().to_pem().unwrap()).unwrap();
        let secret = String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        portico::http::tls::acceptor(&chain, &secret.into()).unwrap()
    }

    async fn shake_hands(
        address: SocketAddr,
        highest: SslVersion,
    ) -> Result<SslStream<TcpStream>, openssl::ssl::Error> {
        let mut client = SslConnector::builder(SslMethod::tls_client()).unwrap();
        client.set_verify(SslVerifyMode::NONE);
        client.set_security_level(0);
        client.set_min_proto_version(None).unwrap();
        client.set_max_proto_version(Some(highest)).unwrap();
        client.set_alpn_protos(b"\x08http/1.1").unwrap();
        let ssl = client
            .build()
            .configure()
            .unwrap()
            .into_ssl("127.0.0.1")
            .unwrap();
        let mut stream = SslStream::new(ssl, TcpStream::connect(address).await.unwrap()).unwrap();
        std::pin::Pin::new(&mut stream).connect().await?;
        Ok(stream)
    }

    #[tokio::test]
    async fn tls_1_2_and_1_3_are_spoken_and_1_1_is_not() {
        let server = listen_with(Some(acceptor()), ConnectionLimits::default(), echo()).await;

        assert!(
            shake_hands(server.address, SslVersion::TLS1_1)
                .await
                .is_err()
        );
        for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
            let mut stream = shake_hands(server.address, version).await.unwrap();
            assert_eq!(stream.ssl().version2(), Some(version));
            stream
                .write_all(b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi")
                .await
                .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.ends_with("hi"), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_client_that_does_not_shake_hands_is_closed() {
        let limits = ConnectionLimits {
            header_timeout: SHORT,
            ..ConnectionLimits::default()
        };
        let server = listen_with(Some(acceptor()), limits, echo()).await;

        rest(&mut connect(server.address, "").await).await;
        rest(&mut connect(server.address, "GET / HTTP/1.1\r\n\r\n").await).await;
    }
}
