use super::content::Seen;
use super::*;

fn limits() -> DocumentLimits {
    DocumentLimits {
        maximum_bytes: 100,
        organisation_bytes: 1_000,
        organisation_files: 10,
        upload_minutes: 5,
        download_minutes: 5,
    }
}

/// An archive as an office program writes it, whose parts claim to unpack to `unpacked` bytes each.
fn archive(names: &[&str], unpacked: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut table = Vec::new();
    let length = |name: &str| u16::try_from(name.len()).unwrap().to_le_bytes();
    for name in names {
        let offset = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        bytes.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        bytes.extend(length(name));
        bytes.extend([0; 2]);
        bytes.extend(name.bytes());
        table.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        table.extend(unpacked.to_le_bytes());
        table.extend(length(name));
        table.extend([0; 12]);
        table.extend(offset);
        table.extend(name.bytes());
    }
    let start = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let size = u32::try_from(table.len()).unwrap().to_le_bytes();
    let count = u16::try_from(names.len()).unwrap().to_le_bytes();
    bytes.extend(&table);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count);
    bytes.extend(count);
    bytes.extend(size);
    bytes.extend(start);
    bytes.extend([0; 2]);
    bytes
}

fn check(kind: Kind, bytes: &[u8]) -> Result<(), DocumentRefusal> {
    let mut seen = Seen::default();
    for chunk in bytes.chunks(7) {
        seen.pass(chunk);
    }
    seen.check(kind, bytes)
}

const DOCX: [&str; 3] = ["[Content_Types].xml", "_rels/.rels", "word/document.xml"];

#[test]
fn d2_the_content_tells_the_type_whatever_the_name_says() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice();
    let jpeg = b"\xFF\xD8\xFF\xE0\0\x10JFIF".as_slice();
    let webp = b"RIFF\x24\0\0\0WEBPVP8 ".as_slice();
    let docx = archive(&DOCX, 10);
    let xlsx = archive(&["xl/workbook.xml", "[Content_Types].xml"], 10);
    let pptx = archive(&["[Content_Types].xml", "ppt/presentation.xml"], 10);
    let gbk = b"\xC3\xFB\xB3\xC6,1\r\n".as_slice();
    let samples = [
        (Kind::Pdf, b"%PDF-1.7\n".as_slice()),
        (Kind::Png, png),
        (Kind::Jpeg, jpeg),
        (Kind::Webp, webp),
        (Kind::Docx, &docx),
        (Kind::Xlsx, &xlsx),
        (Kind::Pptx, &pptx),
        (Kind::Csv, gbk),
        (Kind::Text, "一行文字\n".as_bytes()),
    ];
    for (kind, bytes) in samples {
        assert_eq!(check(kind, bytes), Ok(()), "{kind:?}");
        for other in Kind::ALL {
            let both_text = matches!(
                (kind, other),
                (Kind::Csv | Kind::Text, Kind::Csv | Kind::Text)
            );
            if other != kind && !both_text {
                assert_eq!(
                    check(other, bytes),
                    Err(DocumentRefusal::TypeDiffers),
                    "{kind:?} as {other:?}"
                );
            }
        }
    }
}

#[test]
fn d3_an_office_file_that_unpacks_to_gigabytes_is_refused_by_its_own_table() {
    let bomb = archive(&DOCX, u32::MAX);
    assert_eq!(check(Kind::Docx, &bomb), Err(DocumentRefusal::Bomb));
    let names: Vec<String> = (0..10_001).map(|number| format!("word/{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert!(check(Kind::Docx, &archive(&names, 1)).is_err());
}

#[test]
fn d3_no_cut_or_changed_archive_makes_the_reader_panic() {
    let whole = archive(&DOCX, 10);
    for end in 0..whole.len() {
        assert!(check(Kind::Docx, &whole[..end]).is_err(), "{end}");
    }
    for at in 0..whole.len() {
        for value in [0, 0x7F, 0xFF] {
            let mut changed = whole.clone();
            changed[at] = value;
            // Whatever the answer is: it is one.
            let _ = check(Kind::Docx, &changed);
        }
    }
}

#[test]
fn an_upload_is_open_until_the_instant_before_its_end() {
    let until: DateTime<Utc> = "2026-11-23T02:05:00Z".parse().unwrap();
    let instant = TimeDelta::microseconds(1);
    let mut document = Document {
        organisation: OrganisationId(uuid::Uuid::nil()),
        id: DocumentId(uuid::Uuid::nil()),
        file: Announced {
            file_name: "a.pdf".to_owned(),
            kind: Kind::Pdf,
            size: 1,
            sha256: [0; 32],
        },
        state: DocumentState::Prepared,
        prepared_by: "mem_x".to_owned(),
        prepared_at: until - TimeDelta::minutes(5),
        upload_until: until,
        completed_at: None,
        version: 1,
    };

    assert_eq!(
        document.complete(until),
        Err(DocumentRefusal::NotStored {
            from: DocumentState::Prepared
        })
    );
    assert_eq!(document.store(until), Err(DocumentRefusal::LinkExpired));
    assert_eq!(document.store(until - instant), Ok(()));
    let again = DocumentRefusal::AlreadyStored {
        from: DocumentState::Stored,
    };
    assert_eq!(document.store(until - instant), Err(again));
    // Completing has no hurry: the bytes are there.
    assert_eq!(document.complete(until + TimeDelta::hours(1)), Ok(()));
    assert_eq!(document.version, 3);
    assert!(document.store(until - instant).is_err() && document.complete(until).is_err());
}

#[test]
fn d1_one_file_more_or_one_byte_more_than_the_quota_is_refused() {
    let usage = |files, bytes| Usage { files, bytes };
    assert_eq!(usage(9, 900).check(100, &limits()), Ok(()));
    assert!(usage(9, 901).check(100, &limits()).is_err());
    assert!(usage(10, 0).check(1, &limits()).is_err());
    assert!(usage(0, i64::MAX).check(1, &limits()).is_err());
}
