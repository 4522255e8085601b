//! `[programme]`: what holds for the partner programme as a whole.

use chrono_tz::Tz;

use super::reader::Reader;

pub struct Programme {
    /// Where a working day and a month begin.
    pub time_zone: Tz,
}

impl Programme {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let what = "a time zone such as Asia/Shanghai";
        let time_zone = reader.parsed("programme.time_zone", Tz::Asia__Shanghai, what, |text| {
            text.parse().ok()
        });
        Self { time_zone }
    }
}
