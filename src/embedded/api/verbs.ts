/** The verbs of every kind that has no others published: one generic path serves them all. */
export const objectVerbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

export const subresourceVerbs = ['get', 'patch', 'update']
