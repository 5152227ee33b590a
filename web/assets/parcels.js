/* Small files travel together: a request for each would wait for the disk and the line thousands of times. */
"use strict";
(function () {
  const SMALL_BYTES = 1024 * 1024;
  const PARCEL_BYTES = 8 * 1024 * 1024;
  const PARCEL_FILES = 200;

  /* What lanes take one by one: a list of small files that nothing has arrived of, or one file alone. */
  function parcels(files) {
    const small = files.filter((f) => f.received === 0 && f.size <= SMALL_BYTES);
    const whole = files.filter((f) => f.received > 0 || f.size > SMALL_BYTES).map((f) => [f]);
    let parcel = [], bytes = 0;
    for (const file of small) {
      if (parcel.length === PARCEL_FILES || bytes + file.size > PARCEL_BYTES) { whole.push(parcel); parcel = []; bytes = 0; }
      parcel.push(file);
      bytes += file.size;
    }
    return parcel.length ? [...whole, parcel] : whole;
  }

  /* The request of a parcel: the list of its uploads, then their bytes one after the other. */
  function request(submission, parcel) {
    const list = new Blob([JSON.stringify(parcel.map((f) => f.upload))]);
    return { url: `/uploads/${submission}/whole-files?list=${list.size}`, body: new Blob([list, ...parcel.map((f) => f.file)]) };
  }

  window.dosegateParcels = { parcels, request };
})();
