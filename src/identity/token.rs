//! A secret that a client shows and the database knows only by its digest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::sha::sha256;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};

use crate::db::StoreError;

/// 256 random bits. Without `Debug`, and wiped when dropped.
pub struct RandomToken(SecretBox<[u8; 32]>);

impl RandomToken {
    pub fn fresh() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0; 32]);
        openssl::rand::rand_bytes(&mut *bytes)?;
        Ok(Self(SecretBox::new(Box::new(*bytes))))
    }

    /// Reads a token as a client sent it. `None` for everything that [`Self::text`] never wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let bytes = <[u8; 32]>::try_from(bytes.as_slice()).ok()?;
        Some(Self(SecretBox::new(Box::new(bytes))))
    }

    /// What the client gets: base64url, 43 characters.
    pub fn text(&self) -> SecretString {
        URL_SAFE_NO_PAD.encode(self.0.expose_secret()).into()
    }

    /// What the database keeps. Plain SHA-256 is enough: 256 random bits are not guessed from a digest.
    pub fn sha256(&self) -> [u8; 32] {
        sha256(self.0.expose_secret())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_nothing_else_is() {
        let token = RandomToken::fresh().unwrap();
        let text = token.text();
        let read = RandomToken::parse(text.expose_secret()).unwrap();
        assert_eq!(read.sha256(), token.sha256());
        assert_eq!(text.expose_secret().len(), 43);
        for wrong in [
            "",
            "AAAA",
            "====",
            &"A".repeat(44),
            &"B".repeat(43),
            &"é".repeat(22),
        ] {
            assert!(RandomToken::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn no_two_tokens_are_alike() {
        let (one, other) = (RandomToken::fresh().unwrap(), RandomToken::fresh().unwrap());
        assert_ne!(one.sha256(), other.sha256());
    }
}
