//! Messages that chance made: none may crash a reader, and none may sign in anybody but who was signed for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::scene::*;
use crate::saml::{Incoming, SamlRefusal};

#[test]
fn no_changed_byte_changes_who_signs_in() {
    let honest = honest();
    let mut refused = 0;

    for place in (0..honest.len()).step_by(3) {
        for byte in [b'x', b'<', b' '] {
            let mut changed = honest.clone().into_bytes();
            *changed.get_mut(place).unwrap() = byte;
            match read(&String::from_utf8(changed).unwrap()) {
                // Only what is not signed, or reads the same: the outer envelope, white space between attributes.
                Ok(accepted) => assert_eq!(accepted.subject, ALICE, "byte {place}"),
                Err(_) => refused += 1,
            }
        }
    }

    assert!(refused > honest.len() / 2, "{refused} of {}", honest.len());
}

#[test]
fn no_cut_message_is_accepted() {
    let honest = honest();

    for end in (0..honest.len()).step_by(7) {
        let refusal = refusal(honest.get(..end).unwrap());

        assert_eq!(refusal, SamlRefusal::Malformed, "cut at {end}");
    }
}

proptest! {
    #[test]
    fn no_bytes_crash_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(Incoming::read(&STANDARD.encode(bytes)).is_err());
    }

    #[test]
    fn no_markup_crashes_the_reader(xml in "(<[a-zA-Z:/!?\\[ ='\"&;-]{0,12}>?|[a-z&;<> ]{0,5}){0,40}") {
        prop_assert!(Incoming::read(&STANDARD.encode(xml)).is_err());
    }
}
