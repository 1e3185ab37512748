"""Who is who: the centre's own certificate authority, the stations it has let in and those it shut out."""
