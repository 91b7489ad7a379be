-- Whose consent has ended: they match nowhere, and are still held.
SELECT count(*) AS count,
       min(least(consent_expires_at, consent_withdrawn_at)) AS oldest
FROM subject
WHERE consent_expires_at <= %(now)s OR consent_withdrawn_at <= %(now)s
